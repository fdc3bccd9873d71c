// Begins the console: words, who is there, and then the page that the address names.
import { loadMessages } from "./lib/messages.js";
import { applyTheme } from "./parts/theme.js";
import { Unreachable, lost, connection } from "./lib/api.js";

applyTheme();
async function begin() {
  try {
    await loadMessages();
    const [{ start }, { whoAmI }] = await Promise.all([import("./parts/shell.js"), import("./lib/session.js")]);
    await whoAmI();
    start();
  } catch (failure) {
    if (!(failure instanceof Unreachable || failure instanceof TypeError)) throw failure;
    lost();
    connection.addEventListener("back", begin, { once: true });
  }
}
begin();

// The body by which a stream is replaced with what it is: what only the daemon decides is left out.

/** What `PUT` takes of a stream as `GET` shows it. Secrets read `***` in it, and the daemon keeps those. */
export function bodyOf(stream) {
  const { name, description, data, location, analytics, privacy, autorestart } = stream;
  const { restart, attempt_count, delay } = autorestart;
  const body = { name, description, data, location, analytics, autorestart: { restart, attempt_count, delay } };
  if (privacy) body.privacy = privacy;
  return structuredClone(body);
}

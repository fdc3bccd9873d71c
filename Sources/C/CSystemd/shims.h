// libsystemd, by which a service talks to its manager.
#include <systemd/sd-daemon.h>

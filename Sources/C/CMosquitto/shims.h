// libmosquitto, the client library of the MQTT broker Mosquitto.
#include <mosquitto.h>
// For whoever waits for a client's socket and for somebody who wakes him up.
#include <sys/eventfd.h>

static inline int sightline_make_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

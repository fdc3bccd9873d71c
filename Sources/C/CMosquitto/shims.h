// libmosquitto, the client library of the MQTT broker Mosquitto.
#include <mosquitto.h>

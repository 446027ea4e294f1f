#pragma once
// Readiness, watchdog and socket activation.
#include <systemd/sd-daemon.h>

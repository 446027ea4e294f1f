#pragma once
// libinotifytools is under the GPL, version 2: only fumikura-watch may link it.
#include <inotifytools/inotify.h>
#include <inotifytools/inotifytools.h>

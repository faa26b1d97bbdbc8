// utf8proc into memory that is kept: utf8proc_map would ask for some each time.
#include <utf8proc.h>

#include "peer.h"

static struct result normalize(const char *name, size_t length, char *room) {
    const utf8proc_option_t options = (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    utf8proc_int32_t *scalars = (utf8proc_int32_t *)(void *)room;
    utf8proc_ssize_t count =
        utf8proc_decompose((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)length, scalars, ROOM / 4 - 1, options);
    // In place: the text lies where the scalars were.
    utf8proc_ssize_t size = count < 0 ? -1 : utf8proc_reencode(scalars, count, options);
    if (size < 0) return (struct result){name, length};
    return (struct result){room, (size_t)size};
}

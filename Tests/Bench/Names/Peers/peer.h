// What the peers have in common: the file of names, the clock, and what is printed. A peer defines `normalize`.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "allocation_count.h"

enum { ROOM = 4096 };

struct result {
    const char *text;
    size_t length;
};

// The name in NFC: in `room`, or itself.
static struct result normalize(const char *name, size_t length, char *room);

// As FileNames looks at it: eight bytes at a time. None of the libraries does that by itself.
static int is_ascii(const char *name, size_t length) {
    size_t index = 0;
    for (; index + 8 <= length; index += 8) {
        uint64_t word;
        memcpy(&word, name + index, 8);
        if (word & 0x8080808080808080u) return 0;
    }
    for (; index < length; index++)
        if ((unsigned char)name[index] >= 0x80) return 0;
    return 1;
}

// Of this process: what others do on the machine meanwhile is not counted.
static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static char *bytes;
static size_t *starts, names, ascii, composed, changed;
static char room[ROOM];

static void pass(uint64_t *digest) {
    ascii = composed = changed = 0;
    for (size_t index = 0; index < names; index++) {
        const char *name = bytes + starts[index];
        size_t length = starts[index + 1] - starts[index] - 1;
        struct result result = {name, length};
        if (is_ascii(name, length)) {
            ascii++;
        } else {
            result = normalize(name, length, room);
            if (result.length == length && memcmp(result.text, name, length) == 0)
                composed++;
            else
                changed++;
        }
        if (digest == NULL) continue;
        for (size_t at = 0; at <= result.length; at++)
            *digest = (*digest ^ (at < result.length ? (unsigned char)result.text[at] : 0)) * 0x100000001B3u;
    }
}

int main(int count, char **words) {
    FILE *file = count == 2 ? fopen(words[1], "r") : NULL;
    if (file == NULL) return 64;
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    bytes = (char *)malloc(size + 1);
    starts = (size_t *)malloc((size + 1) * sizeof *starts);
    if (bytes == NULL || starts == NULL || fread(bytes, 1, size, file) != size) return 70;
    starts[0] = 0;
    for (size_t index = 0; index < size; index++)
        if (bytes[index] == 0) starts[++names] = index + 1;
    pass(NULL);
    // Nothing counted so far would mean that nothing is.
    if (allocation_count() == 0) return 70;
    uint64_t counted = allocation_count(), least = UINT64_MAX;
    for (int time = 0; time < 5; time++) {
        uint64_t started = now();
        pass(NULL);
        uint64_t took = now() - started;
        if (took < least) least = took;
    }
    uint64_t allocations = allocation_count() - counted, digest = 0xCBF29CE484222325u;
    pass(&digest);
    printf("{\"nanoseconds\": %llu, \"allocations\": %llu, \"ascii\": %zu, \"composed\": %zu, \"changed\": %zu, \"digest\": \"%llx\"}\n",
           (unsigned long long)least, (unsigned long long)allocations, ascii, composed, changed, (unsigned long long)digest);
    return 0;
}

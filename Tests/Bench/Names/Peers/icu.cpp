// ICU by its shortest way: UTF-8 to UTF-8, into memory that is kept.
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "peer.h"

static struct result normalize(const char *name, size_t length, char *room) {
    static const icu::Normalizer2 *nfc = nullptr;
    UErrorCode error = U_ZERO_ERROR;
    if (nfc == nullptr) nfc = icu::Normalizer2::getNFCInstance(error);
    icu::CheckedArrayByteSink sink(room, ROOM);
    nfc->normalizeUTF8(0, icu::StringPiece(name, (int32_t)length), sink, nullptr, error);
    if (U_FAILURE(error) || sink.Overflowed()) return {name, length};
    return {room, (size_t)sink.NumberOfBytesWritten()};
}

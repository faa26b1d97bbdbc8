import FileNames

// #expect cannot hold a span: these lend one.

func isStrict(_ bytes: [UInt8]) -> Bool { isUTF8(bytes.span) }

func check(_ bytes: [UInt8], for form: NormalForm) -> QuickCheck { quickCheck(bytes.span, for: form) }

func decoded(_ bytes: [UInt8], by decoder: CharsetDecoder) -> (value: UInt32, length: Int) { decoder.scalar(in: bytes.span, at: 0) }

/** Texts that a careless store loses, cuts or mistakes for something of its own. */
export const odd: ReadonlyArray<string> = [
  "",
  " ",
  "O'Brien \"quoted\" `ticks` ; -- /* */",
  "$1 ? :name @name %s \\ \\n",
  "line one\nline two\r\n\ttabbed",
  "null",
  "0012",
  "\u00fc\u00df \u6f22\u5b57 \u{1f4e7}\u200d\u{1f469}\u{1f3fd} e\u0301 \u202e",
  "x".repeat(100_000)
]

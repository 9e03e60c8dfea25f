/** A template, and the errors that Mustachio finds in it: line, character, text. */
export type ErrorRow = readonly [
  says: string,
  template: string,
  errors: ReadonlyArray<readonly [line: number, character: number, text: string]>
]

const path = (path: string) => `The path '${path}' is not valid. Please see documentation for examples of valid paths.`
const eachPath = "The 'each' block being opened requires a model path to be specified in the form '{#each <name>}'."
const eachClose = "The syntax to close the 'each' block should be: '{/each}'."
const eachOpen =
  "An 'each' block is being closed, but no corresponding opening element ('{#each <name>}') was detected."
const mismatched = "It appears that open and closing elements are mismatched."
const unclosed = (path: string) =>
  `A scope block to the following path was opened but not closed: '${path}', please close it using the appropriate syntax.`

const badPath = (tag: string, shown: string): ErrorRow => [`refuses the path of ${tag}`, tag, [[1, 1, path(shown)]]]

export const pathErrorRows: ReadonlyArray<ErrorRow> = [
  badPath("{{first name}}", "first name"),
  badPath("{{ a-b }}", "a-b"),
  badPath("{{..}}", ".."),
  badPath("{{.. }}", ".."),
  badPath("{{../..}}", "../.."),
  badPath("{{.../a.b}}", ".../a.b"),
  badPath("{{a...b}}", "a...b"),
  badPath("{{a..b}}", "a..b"),
  badPath("{{a..}}", "a.."),
  badPath("{{./}}", "./"),
  badPath("{{./a}}", "./a"),
  badPath("{{a/b}}", "a/b"),
  badPath("{{..//a}}", "..//a"),
  badPath("{{..\\a}}", "..\\a"),
  badPath("{{ /a}}", "/a"),
  badPath("{{ #each x}}", "#each x"),
  badPath("{{ #x}}", "#x"),
  badPath("{{ ^x}}", "^x"),
  badPath("{{ ! c }}", "! c"),
  badPath("{{ & x}}", "& x"),
  badPath("{{& &x}}", "&x"),
  badPath("{{> part}}", "> part"),
  badPath("{{=<% %>=}}", "=<% %>="),
  badPath("{{@index}}", "@index"),
  badPath("{{x | upper}}", "x | upper"),
  badPath("{{x[0]}}", "x[0]"),
  badPath("{{\"x\"}}", "\"x\""),
  badPath("{{else if x}}", "else if x"),
  badPath("{{{#x}}}", "#x"),
  badPath("{{{/x}}}", "/x"),
  badPath("{{{^x}}}", "^x"),
  badPath("{{{! c}}}", "! c"),
  badPath("{{{ @content }}}", "@content"),
  badPath("{{ @content }}", "@content"),
  badPath("{{a\ufeff}}", "a\ufeff"),
  badPath("{{\u{1d49c}}}", "\u{1d49c}"),
  badPath("{{हिन्दी}}", "हिन्दी"),
  badPath("{{½}}", "½"),
  ...["@", "[", "]", "(", ")", "~", "$", "%", "*", "'", ","].map((sign) => badPath(`{{${sign}}}`, sign))
]

export const blockErrorRows: ReadonlyArray<ErrorRow> = [
  ["wants a path for a list", "{{#each}}{{/each}}", [[1, 1, eachPath]]],
  ["wants a path that is not blank", "{{#each  }}{{/each}}", [[1, 1, eachPath]]],
  ["wants a space before the path", "{{#each\tx}}{{/each}}{{#each#x}}{{/each}}", [[1, 1, eachPath], [1, 21, eachPath]]],
  ["takes each name that begins with each for a list", "{{#eachs}}{{name}}{{/each}}", [[1, 1, eachPath]]],
  ["checks the path of a list", "{{#each a b}}{{/each}}", [[1, 1, path("a b")]]],
  ["wants the exact end of a list", "{{#each x}}{{/each }}", [[1, 1, unclosed("x")], [1, 12, eachClose]]],
  ["takes each name that begins with each for an end", "{{#x}}{{/eachs}}{{/x}}", [[1, 7, eachClose]]],
  ["has no path at the end of a list", "{{#each x}}{{/each x}}{{/each}}", [[1, 12, eachClose]]],
  ["wants a list before its end", "x{{/each}}", [[1, 2, eachOpen]]],
  ["wants the list to be the innermost block", "{{#each x}}{{#y}}{{/each}}{{/y}}{{/each}}", [[1, 18, eachOpen]]],
  ["does not end a block as a list", "{{#x}}{{/each}}{{/x}}", [[1, 7, eachOpen]]],
  ["does not end a list as a block", "{{#each x}}{{/x}}{{/each}}", [[1, 12, mismatched]]],
  ["finds each mistake around a blank before each", "{{# each x}}{{/each}}", [[1, 1, path("each x")], [
    1,
    1,
    unclosed("x")
  ], [1, 13, eachOpen]]],
  ["wants the end of the block that is open", "{{#x}}{{/y}}{{/x}}", [[1, 7, mismatched]]],
  ["wants the innermost block to end first", "{{#x}}{{#y}}{{/x}}{{/y}}{{/x}}", [[1, 13, mismatched]]],
  ["wants a block before an end", "{{/x}} {{/}} {{//}}", [[1, 1, mismatched], [1, 8, mismatched], [1, 14, mismatched]]],
  ["compares paths letter by letter", "{{#a.b}}{{/.a.b}}{{/a.b}}", [[1, 9, mismatched]]],
  ["ends no block of the same path twice", "{{#x}}{{#x}}{{/x}}{{/x}}", [[1, 19, mismatched]]],
  ["wants every block to end", "{{#x}}{{^y}}{{#each z}}", [[1, 1, unclosed("x")], [1, 7, unclosed("y")], [
    1,
    13,
    unclosed("z")
  ]]],
  ["names an unclosed block as it was written", "{{#each  x }}", [[1, 1, unclosed(" x ")]]],
  ["names an unclosed list without a path", "{{#each}}", [[1, 1, eachPath], [1, 1, unclosed("each")]]],
  ["finds an unclosed block where its first half began", "{{#x}}a{{^x}}b", [[1, 1, unclosed("x")]]],
  ["knows no if", "{{#if a}}x{{else}}y{{/if}}", [[1, 1, path("if a")], [1, 1, unclosed("if a")], [1, 20, mismatched]]],
  ["checks the path of each tag of a block", "{{#a-b}}x{{^a-b}}y{{/a-b}}", [[1, 1, path("a-b")], [1, 10, path("a-b")], [
    1,
    10,
    path("a-b")
  ], [1, 19, path("a-b")]]],
  ["checks the path of an inverted block", "{{^a b}}{{/a b}}", [[1, 1, path("a b")], [1, 9, path("a b")]]]
]

export const placeRows: ReadonlyArray<ErrorRow> = [
  ["counts lines and characters from one", "a\n  {{x y}}", [[2, 3, path("x y")]]],
  ["counts a carriage return as a character", "a\r\n{{x y}}\r{{x y}}", [[2, 1, path("x y")], [2, 9, path("x y")]]],
  ["finds a tag of several lines where it begins", "\n\n {{x\ny}}\n{{-}}", [[3, 2, path("x\ny")], [5, 1, path("-")]]],
  ["counts UTF-16 units", "é😀{{x y}}", [[1, 4, path("x y")]]],
  ["finds a tag behind spare braces", "{{{{x y}}", [[1, 3, path("x y")]]],
  ["orders the mistakes by their places", "fff{{#a}}\nasdf{{b-c@}}\n{{/each}}", [[1, 4, unclosed("a")], [
    2,
    5,
    path("b-c@")
  ], [3, 1, eachOpen]]],
  ["finds a mistake within a list", "fff{{#each a}}\n{{b-c@}}\n{{/each}}", [[2, 1, path("b-c@")]]],
  ["finds a stray end on a later line", "a{{name}}dd\ndd{{/each}}dd", [[2, 3, eachOpen]]]
]

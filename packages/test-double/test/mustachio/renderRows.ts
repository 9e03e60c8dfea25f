/**
 * A template, a model as JSON text, and the HTML body that Mustachio makes of them. Derived from Mustachio's tokenizer,
 * parser, contexts and tests, https://github.com/ActiveCampaign/mustachio, and compared with what a build of it gives.
 * Doubles of more than 15 digits and characters beyond Latin-1 follow .NET's own source, which the build did not have.
 */
export type RenderRow = readonly [says: string, template: string, model: string, html: string]

const shop = `{
  "name": "Ann", "zero": 0, "point": 0.0, "no": false, "yes": true, "none": null, "blank": "", "list": [], "object": {},
  "tags": ["a", "b"], "company": { "ceo": { "last": "Roe", "products": [{ "name": "one" }, { "name": "two" }] } },
  "orders": [{ "id": 1, "lines": [{ "sku": "x" }, { "sku": "y" }] }, { "id": 2, "lines": [] }]
}`

export const syntaxRows: ReadonlyArray<RenderRow> = [
  ["keeps a template without tags", "ASDF", "{}", "ASDF"],
  ["prints a value, raw or encoded", "{{x}} {{{x}}} {{&x}} {{& x }}", `{"x":"<b>"}`, "&lt;b&gt; <b> <b> <b>"],
  ["ignores white space within a value's braces", "{{ x }}{{\n\tx\n}}{{{ x }}}", `{"x":1}`, "111"],
  ["ignores .NET's white space", "{{\u0085x\u00a0}}", `{"x":1}`, "1"],
  ["drops a comment, of several lines too", "as{{!stu\nff}}{{! - @ }}df", "{}", "asdf"],
  ["takes a sign more than once", "{{&&x}}{{##x}}{{^^y}}b{{//y}}{{//x}}{{{&x}}}", `{"x":1}`, "1b1"],
  [
    "keeps braces that make no tag",
    "{ {{x}} } {{ {{}} {{{}}} {x} {{a}b}} }}",
    `{"x":1}`,
    "{ 1 } {{ {{}} {{{}}} {x} {{a}b}} }}"
  ],
  [
    "keeps style sheets",
    "@media print{a{color:red}}{{x}} b { c: d }",
    `{"x":1}`,
    "@media print{a{color:red}}1 b { c: d }"
  ],
  ["keeps an opened tag at the end", "a {{x", `{"x":1}`, "a {{x"],
  ["keeps spare braces before a value", "{{{{x}} {{{x}} {{x", `{"x":"M"}`, "{{M {M {{x"],
  ["keeps spare braces after a value", "{{x}}} {{x}}}}", `{"x":"M"}`, "M} M}}"],
  ["finds triple braces within quadruple ones", "{{{{x}}}}", `{"x":"<"}`, "{<}"],
  [
    "takes names of word characters of any script",
    "{{prénom}} {{名前}} {{имя_1}} {{e\u0301}} {{a‿b}}",
    `{"prénom":"A","名前":"B","имя_1":"C","e\u0301":"D","a‿b":"E"}`,
    "A B C D E"
  ],
  ["compares names by case", "{{Name}}|{{name}}", `{"name":"x"}`, "|x"],
  ["has no names of its own", "{{toString}}{{length}}{{constructor.name}}{{__proto__.x}}", "{}", ""],
  ["reads a name such as any other", "{{__proto__.x}}{{each}}{{if}}", `{"__proto__":{"x":1},"each":2,"if":3}`, "123"],
  ["prints nothing for what is missing", "[{{x}}{{x.y}}{{{x}}}]", "{}", "[]"],
  ["prints nothing below a value", "[{{x.y}}{{x.length}}]", `{"x":"abc"}`, "[]"]
]

export const pathRows: ReadonlyArray<RenderRow> = [
  ["reads dotted paths", "{{company.ceo.last}}", shop, "Roe"],
  ["takes a path with a point in front or behind", "{{.name}}{{name.}}", shop, "AnnAnn"],
  ["goes up within a path", "{{company../name}}{{company.ceo../../name}}", shop, "AnnAnn"],
  ["stays at the root when it goes up further", "{{../name}}{{../../../name}}", shop, "AnnAnn"],
  ["prints the place itself", "{{#name}}{{.}}{{ }}{{/name}}", shop, "AnnAnn"],
  ["prints nothing for the root itself", "[{{.}}{{ }}{{../}}]", shop, "[]"],
  [
    "has one level for each step of a block's path",
    "{{#company.ceo}}{{last}} {{../name}}|{{../../name}}{{/company.ceo}}",
    shop,
    "Roe |Ann"
  ],
  [
    "has one level more for an item",
    "{{#each company.ceo.products}}{{name}}{{../last}}|{{../../last}};{{/each}}",
    shop,
    "one|Roe;two|Roe;"
  ],
  ["goes up to a list", "{{#each tags}}{{#../}}{{../name}}{{/../}}{{/each}}", shop, "AnnAnn"],
  [
    "goes up out of nested lists",
    "{{#each orders}}{{#each lines}}{{sku}}{{../../id}}{{../../../../name}} {{/each}}{{/each}}",
    shop,
    "x1Ann y1Ann "
  ],
  ["does not look into outer scopes", "{{#company}}[{{name}}]{{/company}}", shop, "[]"],
  ["takes an empty path for a block", "{{#}}{{name}}{{/}}{{^}}x{{/}}", shop, "Ann"]
]

export const blockRows: ReadonlyArray<RenderRow> = [
  ["renders a block once for a list", "{{#tags}}[{{.}}]{{/tags}}", shop, "[]"],
  ["renders a block for what is true", "{{#yes}}a{{/yes}}{{#name}}b{{/name}}{{#company}}c{{/company}}", shop, "abc"],
  ["takes text of blanks, and zero as text, for true", "{{#x}}a{{/x}}{{#y}}b{{/y}}", `{"x":" ","y":"0"}`, "ab"],
  ...["zero", "point", "no", "none", "blank", "list", "object", "missing", "missing.too"].flatMap((
    path
  ): Array<RenderRow> => [
    [`takes ${path} for false`, `{{#${path}}}a{{/${path}}}{{^${path}}}b{{/${path}}}`, shop, "b"],
    [`has no item in ${path}`, `[{{#each ${path}}}a{{/each}}]`, shop, "[]"]
  ]),
  ["takes an inverted block for a scope", "Hi {{^name}}{{nick}}{{/name}}!", `{"nick":"Bob"}`, "Hi !"],
  ["goes up out of an inverted block", "{{^name}}{{../nick}}{{/name}}", `{"nick":"Bob"}`, "Bob"],
  [
    "goes up out of every step of an inverted path",
    "{{^a.b}}{{../nick}}{{../../nick}}{{/a.b}}",
    `{"nick":"Bob"}`,
    "Bob"
  ],
  [
    "prints the false value that an inverted block is about",
    "{{^x}}{{.}}{{/x}}{{^y}}{{.}}{{/y}}",
    `{"x":0,"y":false}`,
    "0False"
  ],
  [
    "nests inverted blocks as scopes",
    "{{^a}}{{^b}}{{nick}}{{../nick}}{{../../nick}}{{/b}}{{/a}}",
    `{"b":1,"nick":"Bob"}`,
    "Bob"
  ],
  ["has an else for a block", "{{#x}}a{{^x}}b{{/x}}", `{"x":1}`, "a"],
  ["has an else for a block that is false", "{{#x}}a{{^x}}b{{/x}}", `{"x":0}`, "b"],
  ["has an else for an inverted block", "{{^x}}a{{#x}}b{{/x}}", `{"x":1}`, "b"],
  ["ends a block where the same one begins", "{{#x}}a{{#x}}b{{/x}}{{^x}}c{{^x}}d{{/x}}", `{"x":{"x":0}}`, "ab"],
  ["gives both halves the scope of the path", "{{#x.y}}{{z}}{{^x.y}}{{../z}}{{/x.y}}", `{"x":{"z":1}}`, "1"],
  ["renders every item of a list", "{{#each tags}}[{{.}}]{{/each}}", shop, "[a][b]"],
  ["takes any number of blanks before the path of a list", "{{#each   tags }}{{.}}{{/each}}", shop, "ab"],
  [
    "renders items that are false",
    "{{#each x}}[{{.}}]{{/each}}",
    `{"x":[0,null,"",false,[],{}]}`,
    "[0][][][False][][]"
  ],
  ["renders lists of lists", "{{#each x}}<{{#each .}}{{.}}{{/each}}>{{/each}}", `{"x":[[1,2],[],[3]]}`, "<12><><3>"],
  ["renders lists within lists", "{{#each orders}}{{id}}{{#each lines}}{{sku}}{{/each}};{{/each}}", shop, "1xy;2;"],
  ["closes a block by the name each", "{{# each}}a{{/ each}}", `{"each":1}`, "a"],
  ["ignores white space around a block's path", "{{# x }}a{{/ x }}{{^ y }}b{{/y\n}}", `{"x":1}`, "ab"]
]

export const valueRows: ReadonlyArray<RenderRow> = [
  ["prints booleans as .NET does", "{{x}} {{y}}", `{"x":true,"y":false}`, "True False"],
  ["prints nothing for null, objects and lists", "[{{x}}{{y}}{{z}}]", `{"x":null,"y":{"a":1},"z":[1]}`, "[]"],
  ["prints integers", "{{a}} {{b}} {{c}}", `{"a":0,"b":-7,"c":1000000}`, "0 -7 1000000"],
  [
    "prints the digits of long integers",
    "{{a}} {{b}} {{c}} {{d}}",
    `{"a":9007199254740993,"b":10000000000000000,"c":9223372036854775807,"d":-9223372036854775808}`,
    "9007199254740993 10000000000000000 9223372036854775807 -9223372036854775808"
  ],
  ["prints zero without a sign", "{{x}}", `{"x":-0}`, "0"],
  ["prints the largest unsigned integer", "{{x}}", `{"x":18446744073709551615}`, "18446744073709551615"],
  [
    "prints fractions",
    "{{a}} {{b}} {{c}} {{d}} {{e}}",
    `{"a":1.5,"b":-0.1,"c":19.99,"d":0.0001,"e":123456.789}`,
    "1.5 -0.1 19.99 0.0001 123456.789"
  ],
  ["drops zeros behind the point", "{{a}} {{b}} {{c}}", `{"a":1.0,"b":1.50,"c":0.0}`, "1 1.5 0"],
  [
    "writes large doubles with an exponent",
    "{{a}} {{b}} {{c}} {{d}}",
    `{"a":1e17,"b":-1.5e300,"c":1e21,"d":1e3}`,
    "1E+17 -1.5E+300 1E+21 1000"
  ],
  [
    "writes doubles below 1e17 without an exponent",
    "{{a}} {{b}} {{c}}",
    `{"a":1e16,"b":-1.2e16,"c":12345678901234568.0}`,
    "10000000000000000 -12000000000000000 12345678901234568"
  ],
  [
    "prints as many digits as give a double back",
    "{{a}} {{b}} {{c}}",
    `{"a":0.30000000000000004,"b":123456789012345.67,"c":100.0000000000001}`,
    "0.30000000000000004 123456789012345.67 100.0000000000001"
  ],
  [
    "writes small doubles with an exponent",
    "{{a}} {{b}} {{c}}",
    `{"a":0.00001,"b":1.25e-7,"c":-5e-324}`,
    "1E-05 1.25E-07 -5E-324"
  ],
  [
    "keeps text that looks like a date, or a number",
    "{{a}} {{b}}",
    `{"a":"2026-01-02T03:04:05Z","b":"1.0"}`,
    "2026-01-02T03:04:05Z 1.0"
  ],
  [
    "encodes five ASCII characters",
    "{{x}}",
    `{"x":"<a href='x'>\\"&amp;\\"</a>\`/="}`,
    "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;&quot;&lt;/a&gt;`/="
  ],
  [
    "encodes Latin-1 from the no-break space on",
    "{{x}} {{{x}}}",
    `{"x":"\u007f\u009f\u00a0é\u00ff"}`,
    "\u007f\u009f&#160;&#233;&#255; \u007f\u009f\u00a0é\u00ff"
  ],
  ["encodes emoji", "{{x}} {{{x}}}", `{"x":"😀"}`, "&#128512; 😀"],
  ["leaves other scripts as they are", "{{x}}", `{"x":"Ā € 名前 имя"}`, "Ā € 名前 имя"],
  ["encodes values only", "é & 😀 {{x}}", `{"x":"é"}`, "é & 😀 &#233;"]
]

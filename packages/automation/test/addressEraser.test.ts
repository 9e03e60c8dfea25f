import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import * as AddressEraser from "../src/internal/erasure/addressEraser.ts"

const { marker } = AddressEraser
const ann = AddressEraser.make("ann@example.com")

const erased: Readonly<Record<string, readonly [text: string, expected: string]>> = {
  "as it is": ["ann@example.com", marker],
  "in another case": ["Ann@Example.COM", marker],
  "beside a name": ["\"Ann O'Hara\" <ann@example.com>, joe@example.com", `"Ann O'Hara" <${marker}>, joe@example.com`],
  "in a sentence": [
    "550 5.1.1 <ann@example.com>: user ann@example.com. rfc822;ann@example.com unknown",
    `550 5.1.1 <${marker}>: user ${marker}. rfc822;${marker} unknown`
  ],
  "in a link": [
    "https://x.example/?e=ann%40example.com&t=%3Cann@example.com%3E",
    `https://x.example/?e=${marker}&t=%3C${marker}%3E`
  ],
  "in HTML": [
    "<b>ann&#64;example.com</b> ann&#x40;example&#46;com ann&commat;example.com",
    `<b>${marker}</b> ${marker} ${marker}`
  ],
  "in quoted-printable": ["to=3Dann=40example.com ann@exa=\r\nmple.com", `to=3D${marker} ${marker}`],
  "in JSON": [
    `{ "To" : "ann@example.com", "n": 1.10, "big": 12345678901234567890 }`,
    `{ "To" : "${marker}", "n": 1.10, "big": 12345678901234567890 }`
  ],
  "in a key": [`{"ann@example.com":1}`, `{"${marker}":1}`],
  "after an escape in JSON": [`{"a":"\\nann@example.com\\tx"}`, `{"a":"\\n${marker}\\tx"}`],
  "with escapes in JSON": [`{"a":"\\u0061nn\\u0040example\\u002Ecom"}`, `{"a":"${marker}"}`],
  "in JSON in JSON": [
    JSON.stringify({ a: JSON.stringify({ b: "line\nann@example.com <", c: JSON.stringify("x ann@example.com") }) }),
    JSON.stringify({ a: JSON.stringify({ b: `line\n${marker} <`, c: JSON.stringify(`x ${marker}`) }) })
  ],
  "in JSON that was cut": [
    `{"error":"\\nann@example.com \\u003cann\\u0040example.com\\u003e`,
    `{"error":"\\n${marker} \\u003c${marker}\\u003e`
  ]
}

const kept = {
  "a longer local part": "joann@example.com jo.ann@example.com jo+ann@example.com jo_ann@example.com éann@example.com",
  "an encoded longer local part": "jo%2Bann@example.com jo%2Eann@example.com",
  "a longer domain": "ann@example.com.au ann@example.company ann@example.com-x.org",
  "another domain": "ann@sub.example.com ann@examplexcom",
  "JSON without it": `{ "a" : "\\u00e9 \\/ joe@example.com", "b":1e400 }`
}

describe("an address", () => {
  for (const [name, [text, expected]] of Object.entries(erased)) {
    it(`is erased ${name}`, () => {
      assert.strictEqual(ann(text), expected)
      assert.strictEqual(ann(ann(text)), expected)
    })
  }
  for (const [name, text] of Object.entries(kept)) {
    it(`is not found in ${name}`, () => assert.strictEqual(ann(text), text))
  }

  it("is found in each form of Unicode, and with its domain in ASCII", () => {
    const erase = AddressEraser.make("josé+x@bücher.example")
    const forms = [
      "josé+x@bücher.example",
      "JOSÉ+X@BÜCHER.example",
      "josé+x@bücher.example".normalize("NFD"),
      "josé+x@xn--bcher-kva.example",
      "jos\\u00e9\\u002bx@b\\u00fccher.example",
      "jos%C3%A9%2Bx%40b%C3%BCcher.example",
      "jos=C3=A9=2Bx=40b=C3=BCcher.example"
    ]
    for (const form of forms) assert.strictEqual(erase(`<${form}>`), `<${marker}>`, form)
    assert.strictEqual(
      erase(`{"a":"jos\\u00e9+x@b\\u00fccher.example","é":"\\u00e9"}`),
      `{"a":"${marker}","é":"\\u00e9"}`
    )
  })

  it("can have characters that patterns give a meaning", () => {
    const erase = AddressEraser.make("a.b+c*$^(|)[x]{2}?\\/@example.com")
    assert.strictEqual(erase("<a.b+c*$^(|)[x]{2}?\\/@example.com>"), `<${marker}>`)
    assert.strictEqual(erase("<axb+c*$^(|)[x]{2}?\\/@example.com>"), "<axb+c*$^(|)[x]{2}?\\/@example.com>")
  })

  it("is looked for in a long text in time that grows with its length", () => {
    const long = `"${"ann@example".repeat(200_000)}"`
    const begun = performance.now()
    assert.strictEqual(ann(long), long)
    assert.strictEqual(ann(`${"=\n".repeat(500_000)}${"\\".repeat(500_000)}`).length, 1_500_000)
    assert.isBelow(performance.now() - begun, 5_000)
  })

  it("leaves JSON with the same values otherwise, however it is spelled", () => {
    const spelled = (value: string): FastCheck.Arbitrary<string> =>
      FastCheck.array(FastCheck.boolean(), { minLength: value.length, maxLength: value.length }).map((escaped) =>
        `"${
          Array.from({ length: value.length }, (_, at) =>
            escaped[at]
              ? `\\u${value.charCodeAt(at).toString(16).padStart(4, "0")}`
              : JSON.stringify(value[at]).slice(1, -1)).join("")
        }"`
      )
    const around = FastCheck.constantFrom(
      "",
      " ",
      "<",
      "\n",
      "\"",
      "\\",
      " é ",
      "\u{1f4e7}",
      "/",
      " joe@example.com ",
      "'",
      "}"
    )
    const values = FastCheck.array(
      FastCheck.tuple(around, FastCheck.constantFrom("ann@example.com", "ANN@example.com", "x"), around),
      { maxLength: 5 }
    )
    FastCheck.assert(
      FastCheck.property(
        values.chain((parts) => {
          const texts = parts.map(([a, b, c]) => a + b + c)
          return FastCheck.tuple(
            FastCheck.constant(parts.map(([a, b, c]) => a + (b === "x" ? b : marker) + c)),
            FastCheck.tuple(...texts.map(spelled)).map((literals) => `[ ${literals.join(" , ")} ]`)
          )
        }),
        ([expected, json]) => {
          const result = ann(json)
          assert.deepStrictEqual(JSON.parse(result), expected)
        }
      ),
      { numRuns: 500 }
    )
  })
})

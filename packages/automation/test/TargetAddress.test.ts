import { TargetAddress } from "@effect-postmark/automation"
import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"

const rules = TargetAddress.make()
const refusal = (url: string, { parse } = rules) =>
  Either.match(parse(url), { onLeft: (issue) => issue.message, onRight: () => "" })

describe("TargetAddress", () => {
  it("accepts public http and https URLs, normalised", () => {
    for (
      const [text, href] of [
        ["https://Example.com/hook?a=1", "https://example.com/hook?a=1"],
        ["http://example.com:8080", "http://example.com:8080/"],
        ["https://1.1.1.1:8443/x", "https://1.1.1.1:8443/x"],
        ["https://[2606:4700::1111]/", "https://[2606:4700::1111]/"]
      ] as const
    ) assert.deepStrictEqual(Either.map(rules.parse(text), (url) => url.href), Either.right(href))
  })

  it("refuses what is not a plain http or https URL", () => {
    for (
      const text of [
        "",
        "example.com",
        "/hook",
        "http://",
        "file:///etc/passwd",
        "gopher://example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "data:text/plain,x",
        "https://user:secret@example.com/",
        "https://user@example.com/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://example.com/#",
        `https://example.com/${"x".repeat(2_048)}`,
        `https://example.com/${"\u00fc".repeat(500)}`
      ]
    ) assert.include(refusal(text), "invalid_url", text)
  })

  it("refuses ports beside the allowed ones", () => {
    for (const port of [22, 25, 6379, 5432, 0, 65_536]) {
      assert.include(refusal(`http://example.com:${port}/`), "invalid_url", `${port}`)
    }
    assert.strictEqual(refusal("http://example.com:9000/", TargetAddress.make({ ports: [9_000] })), "")
  })

  it("refuses every spelling of an address that is not public, and private names", () => {
    for (
      const host of [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[::a9fe:a9fe]",
        "[4000::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[ff02::1]",
        "[2001:db8::1]",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "a.localhost",
        "metadata.google.internal",
        "x.internal.",
        "printer.local"
      ]
    ) assert.include(refusal(`http://${host}/`), "blocked_address", host)
  })

  it("allows hosts, addresses and ranges that are named, and nothing else", () => {
    const some = TargetAddress.make({ hosts: ["hooks.internal", "127.0.0.1", "10.0.0.0/8", "fd00::/8"] })
    for (const host of ["hooks.internal", "127.0.0.1", "10.1.2.3", "[fd00::1]", "[::ffff:10.1.2.3]"]) {
      assert.strictEqual(refusal(`http://${host}/`, some), "", host)
    }
    for (const host of ["other.internal", "127.0.0.2", "11.0.0.1.localhost", "[fc00::1]", "192.168.0.1"]) {
      assert.include(refusal(`http://${host}/`, some), "blocked_address", host)
    }
    assert.isTrue(some.isAllowed("hooks.internal", "192.168.0.1"))
    assert.isTrue(some.isAllowed("example.com", "10.0.0.1"))
    assert.isFalse(some.isAllowed("example.com", "192.168.0.1"))
    assert.isFalse(some.isAllowed("example.com", "no address"))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import * as ClientAddress from "../src/internal/clientAddress.ts"

const of = (proxies: ReadonlyArray<string>) => Either.getOrThrow(ClientAddress.make(proxies)).of

describe("the client's address", () => {
  it("is the socket's, whatever a header says, without trusted proxies", () => {
    assert.strictEqual(of([])("192.0.2.1", "203.0.113.9"), "192.0.2.1")
    assert.strictEqual(of(["10.0.0.0/8"])("192.0.2.1", "203.0.113.9"), "192.0.2.1")
    assert.strictEqual(of([])("::ffff:192.0.2.1", undefined), "192.0.2.1")
    assert.isUndefined(of([])(undefined, "203.0.113.9"))
  })

  it("is the last one in the header that no trusted proxy has", () => {
    const address = of(["10.0.0.0/8", "::1"])
    assert.strictEqual(address("10.0.0.1", "203.0.113.9"), "203.0.113.9")
    assert.strictEqual(address("::ffff:10.0.0.1", "6.6.6.6, 203.0.113.9, 10.9.9.9"), "203.0.113.9")
    assert.strictEqual(address("::1", "[2001:db8::1]:4711"), "2001:db8::1")
    assert.strictEqual(address("10.0.0.1", "203.0.113.9:4711"), "203.0.113.9")
    assert.strictEqual(address("10.0.0.1", "6.6.6.6, garbage"), "10.0.0.1")
    assert.strictEqual(address("10.0.0.1", undefined), "10.0.0.1")
  })

  it("is counted by networks of 64 bits in IPv6", () => {
    assert.strictEqual(ClientAddress.networkOf("192.0.2.1"), "192.0.2.1")
    assert.strictEqual(ClientAddress.networkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64")
    assert.strictEqual(ClientAddress.networkOf("2001:0DB8:1:2::6"), "2001:db8:1:2::/64")
    assert.strictEqual(ClientAddress.networkOf("::1"), "0:0:0:0::/64")
  })
})

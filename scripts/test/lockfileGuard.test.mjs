import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { lockfileProblems } from "../lockfileGuard.mjs"
import { root } from "../workspace.mjs"

const good = `packages:

  '@effect/platform@0.97.2':
    resolution: {integrity: sha512-a==}
    peerDependencies:
      effect: ^3.22.4

  effect@3.22.4:
    resolution: {integrity: sha512-b==}

  old@1.0.0:
    resolution: {integrity: sha512-c==}
    deprecated: |-
      See https://example.com/why

snapshots:

  '@effect/platform@0.97.2(effect@3.22.4)':
    dependencies:
      effect: 3.22.4
`

test("the lockfile of this workspace is good", () => {
  assert.deepEqual(lockfileProblems(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")), [])
})

test("nothing is said about a good lockfile", () => {
  assert.deepEqual(lockfileProblems(good), [])
})

test("version 4 of effect is found, alone and beside version 3", () => {
  assert.deepEqual(lockfileProblems("  effect@4.1.0:\n"), ["effect is 4.1.0; this workspace is on version 3"])
  assert.equal(lockfileProblems(`${good}\n  effect@4.0.0-beta.93:\n    dependencies: {}\n`).length, 2)
})

test("a second version of effect or of a package of Effect is found, also as a peer", () => {
  assert.deepEqual(lockfileProblems(`${good}\n  effect@3.21.0:\n`), ["effect is there more than once: 3.22.4, 3.21.0"])
  assert.deepEqual(lockfileProblems(`${good}\n  '@effect/platform@0.90.0(effect@3.22.4)':\n`), [
    "@effect/platform is there more than once: 0.97.2, 0.90.0"
  ])
  assert.equal(lockfileProblems(`${good}\n  'other@1.0.0(effect@3.19.0)':\n`).length, 1)
})

test("an address is found", () => {
  const tarball = "resolution: {integrity: sha512-d==, tarball: https://registry.example.com/a/-/a-1.0.0.tgz}"
  assert.deepEqual(lockfileProblems(`${good}\n    ${tarball}\n`), [`an address: ${tarball}`])
  assert.equal(lockfileProblems(`${good}\n  a@https://codeload.example.com/a/tar.gz/1:\n`).length, 1)
})

test("another file is not taken for a good lockfile", () => {
  assert.deepEqual(lockfileProblems(""), ["effect is not in the lockfile"])
})

/** `openapi-typescript` needs the compiler's JavaScript API, which TypeScript 7 does not have: it gets one of its own. */
const readPackage = (manifest) => {
  if (manifest.name === "openapi-typescript") {
    const { typescript: _, ...peers } = manifest.peerDependencies
    manifest.peerDependencies = peers
    manifest.dependencies = { ...manifest.dependencies, typescript: "5.9.3" }
  }
  return manifest
}

module.exports = { hooks: { readPackage } }

/** Whether a host name or address, brackets or none, always means this machine. */
export const isLoopback = (hostname: string): boolean => {
  // An IPv4 address may be written as IPv6.
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase().replace(/^::ffff:(?=127\.)/, "")
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
}

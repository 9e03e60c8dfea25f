/** Methods on the official client's prototypes that no case calls, and why. */
export const exceptions: { readonly [method: string]: string } = {
  constructor: "it makes the client; every case has one",
  processRequestWithBody: "private; every call with a body goes through it",
  processRequestWithoutBody: "private; every call without a body goes through it",
  processRequest: "private; every call goes through it",
  processHttpRequest: "private; every call goes through it",
  processCallbackRequest: "private; the case that passes a callback goes through it",
  getComposedHttpRequestHeaders: "private; every call goes through it",
  verifyToken: "private; every client that is made goes through it",
  setDefaultPaginationValues: "private; every list goes through it"
}

/** The HTML body of a message as the page's frame gets it. */

/**
 * The policy of the answer stops scripts and everything that loads. What it does not stop is a bare connection: a
 * browser opens one for a frame before it blocks the frame, and `link` can ask for one. These elements lose their names.
 */
export const inert = (html: string): string =>
  html.replaceAll(/<(?=(?:link|iframe|frame|fencedframe|portal|object|embed)[\s/>])/gi, "<inert-")

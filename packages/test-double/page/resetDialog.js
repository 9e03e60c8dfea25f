/** Back to the beginning, once it is confirmed. */
import { direct } from "./api.js"
import { byId } from "./element.js"

const dialog = byId("reset-dialog", HTMLDialogElement)
const result = byId("reset-result", HTMLOutputElement)

/** @param {() => void} done */
export const useReset = (done) => {
  byId("reset", HTMLButtonElement).addEventListener("click", () => {
    result.textContent = ""
    dialog.showModal()
    byId("reset-cancel", HTMLButtonElement).focus()
  })
  byId("reset-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close())
  byId("reset-confirm", HTMLButtonElement).addEventListener("click", async () => {
    const refusal = await direct("reset", {})
    if (refusal === undefined) {
      dialog.close()
      done()
    } else result.textContent = refusal
  })
}

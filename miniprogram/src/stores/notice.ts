import { reactive, readonly } from 'vue'

const SHOWN_MS = 4000

const state = reactive({ text: '', serial: 0 })
let timer: ReturnType<typeof setTimeout> | undefined

/** Say something short that needs no answer; read out by screen readers, gone after four seconds. */
function say(text: string): void {
  clearTimeout(timer)
  state.text = text
  state.serial += 1
  timer = setTimeout(() => (state.text = ''), SHOWN_MS)
}

export function useNotice() {
  return { state: readonly(state), say }
}

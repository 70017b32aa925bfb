import { computed, reactive } from 'vue'
import { api } from '@/api/client'
import type { ShowRequest } from '@/api/types'
import { useSession } from '@/stores/session'

const ASK_EVERY_MS = 3000
/** A request waits a minute for its answer; a code that was scanned last thing asks at once. */
const WATCH_MS = 75_000

/** Asked for only while somebody may wait: a code was on the screen a moment ago. */
const state = reactive<{ owner: string; waiting: boolean }>({ owner: '', waiting: false })
let until = 0
let timer: ReturnType<typeof setTimeout> | undefined

function owner(): string {
  const session = useSession()
  return session.loggedIn.value ? (session.state.person?.id ?? '') : ''
}

async function look(): Promise<void> {
  clearTimeout(timer)
  if (Date.now() > until || !owner() || state.owner !== owner()) {
    unwatchAsked()
    return
  }
  try {
    const { items } = await api.get<{ items: ShowRequest[] }>('/citizen/presentations/requests')
    state.waiting = items.length > 0
  } catch {
    // Without a network nobody is asked either.
  }
  if (until > 0) timer = setTimeout(look, ASK_EVERY_MS)
}

/** The page of a code was left a moment after somebody may have scanned it. */
export function watchAsked(): void {
  Object.assign(state, { owner: owner(), waiting: false })
  until = Date.now() + WATCH_MS
  clearTimeout(timer)
  timer = setTimeout(look, ASK_EVERY_MS)
}

/** The page of the code is open again, or the person has gone. */
export function unwatchAsked(): void {
  until = 0
  state.waiting = false
  clearTimeout(timer)
}

/** Whether somebody waits for this person's word. */
export function useAsked() {
  return { waiting: computed(() => state.waiting && state.owner === owner()) }
}

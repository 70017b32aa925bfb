import { computed, nextTick } from 'vue'
import { api } from '@/api/client'
import type { HandedOver, Said } from '@/api/assistantTypes'
import { useAct } from '@/composables/act'
import { useDraft } from '@/composables/draft'
import { isH5 } from '@/platform'

export interface Turn {
  mine: string
  said: Said | null
  /** Number of the ticket that the conversation was handed over with. */
  ticket: string
  workdays: number
}

interface Kept {
  turns: Turn[]
  typed: string
  conversation: string
}

/** Questions and answers of one door, kept while the app runs so that going back loses nothing. */
export function useTalk(uscc: () => string) {
  const base = () => (uscc() ? `/enterprise/enterprises/${encodeURIComponent(uscc())}/assistant` : '/citizen/assistant')
  const kept = computed(() => useDraft<Kept>(`assistant:${uscc()}`, () => ({ turns: [], typed: '', conversation: '' })).draft)
  const { busy, problem, act } = useAct()

  async function said(mine: string, ask: () => Promise<Said>): Promise<void> {
    const state = kept.value
    state.turns.push({ mine, said: null, ticket: '', workdays: 0 })
    const turn = state.turns[state.turns.length - 1]
    showNewest()
    const answer = await act(ask)
    if (answer) {
      turn.said = answer
      state.conversation = answer.conversation_id
      showNewest()
    } else {
      // What was asked goes back to where it was typed.
      state.turns.pop()
      state.typed = state.typed || mine
    }
  }

  async function ask(text: string): Promise<void> {
    const words = text.trim()
    if (!words || busy.value) return
    kept.value.typed = ''
    await said(words, () => api.post<Said>(`${base()}/questions`, { text: words, conversation_id: kept.value.conversation }))
  }

  async function choose(number: number, title: string): Promise<void> {
    if (busy.value) return
    const path = `${base()}/conversations/${encodeURIComponent(kept.value.conversation)}/choice`
    await said(title, () => api.post<Said>(path, { number }))
  }

  async function handOver(region: string): Promise<boolean> {
    const path = `${base()}/conversations/${encodeURIComponent(kept.value.conversation)}/handover`
    const made = await act(() => api.post<HandedOver>(path, { region_code: region }))
    if (!made) return false
    kept.value.conversation = ''
    kept.value.turns.push({ mine: '', said: null, ticket: made.ticket_no, workdays: made.workdays })
    showNewest()
    return true
  }

  return { base, kept, busy, problem, ask, choose, handOver }
}

/** The newest question on top: a long answer is read from its beginning. */
function showNewest(): void {
  nextTick(() => {
    const still = isH5 && window.matchMedia('(prefers-reduced-motion: reduce)').matches
    uni.pageScrollTo({ selector: '#newest', duration: still ? 0 : 200, fail: () => undefined })
  })
}

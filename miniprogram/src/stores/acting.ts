import { computed, reactive } from 'vue'
import { api } from '@/api/client'
import type { EnterpriseCard, EnterpriseList } from '@/api/types'
import { useSession } from './session'

const state = reactive<{ of: string; cards: EnterpriseCard[] }>({ of: '', cards: [] })

/** For whom the person may act, as the gateway said last; nothing of somebody else's. */
export function useActing() {
  const session = useSession()
  const me = computed(() => session.state.person?.id ?? '')

  function keep(list: EnterpriseList): void {
    state.of = me.value
    state.cards = list.items
  }

  /** Somebody may act for one more, as they just showed. */
  function add(one: EnterpriseCard): void {
    const others = state.of === me.value ? state.cards.filter((each) => each.uscc !== one.uscc) : []
    state.of = me.value
    state.cards = [one, ...others]
  }

  /** What is known of an enterprise; null before it was asked, and for what one may not act for. */
  function card(uscc: string): EnterpriseCard | null {
    return state.of === me.value ? (state.cards.find((one) => one.uscc === uscc) ?? null) : null
  }

  async function ensure(uscc: string): Promise<void> {
    const asked = me.value
    if (!asked || card(uscc)) return
    try {
      const list = await api.get<EnterpriseList>('/enterprise/enterprises')
      if (asked === me.value) keep(list)
    } catch {
      // The page that is shown says itself what is wrong.
    }
  }

  return { add, card, ensure, keep }
}

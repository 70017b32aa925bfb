import { computed, ref } from 'vue'
import { api } from '@/api/client'
import type { WaitingCases } from '@/api/caseTypes'
import type { Benefit } from '@/api/policyTypes'
import type { AccountSection, Home, LicencesSection, MessagesSection, Section, Todo } from '@/api/types'
import { longDate } from '@/lib/format'
import { KEPT_HOME, useSession } from '@/stores/session'
import { useKeptLoad, type Shelf } from './keptLoad'
import { usePersonalLoad } from './load'

/**
 * Of the home page this phone keeps what the wallet keeps too: which licences there are and which of
 * them end. Figures of accounts, messages, cases and benefits are not written to the phone, nor is a
 * greeting, which is of its hour.
 */
const SHELF: Shelf<Home> = {
  key: KEPT_HOME,
  keep: (home) => ({ ...home, greeting: '', sections: home.sections.filter((one) => one.kind === 'licences' || one.status === 'locked') }),
  recall: (home) => ({ ...home, todo: home.todo.map(recalledTodo) }),
}

/** A to-do without the days that were left then; the page counts those that are left now. */
function recalledTodo(todo: Todo): Todo {
  return todo.due ? { ...todo, text: `${longDate(todo.due)}到期` } : todo
}

/** What the home page shows of the person: to-do, sections, each of which may be asked for again. */
export function useHome() {
  const session = useSession()
  const retrying = ref<string[]>([])

  const page = useKeptLoad(SHELF, () => api.get<Home>('/citizen/home'))
  const { data, problem, loading, recalled } = page
  /** Cases in which the next step is the person's; the page is there without them. */
  const waiting = usePersonalLoad(() => api.get<WaitingCases>('/citizen/cases/waiting'))
  const cases = computed(() => waiting.data.value)
  /** Benefits that came without an application; nothing is matched for it. */
  const found = usePersonalLoad(() => api.get<{ items: Benefit[] }>('/citizen/policies/benefits'))
  const benefits = computed(() => found.data.value?.items ?? [])

  const accounts = computed(() =>
    (data.value?.sections ?? []).filter((one): one is AccountSection => one.kind === 'account'),
  )
  const shown = computed(() => accounts.value.filter((one) => one.status !== 'none' && one.status !== 'locked'))
  const locked = computed(() => accounts.value.filter((one) => one.status === 'locked'))
  const absent = computed(() => accounts.value.filter((one) => one.status === 'none'))
  const licences = computed(() =>
    data.value?.sections.find((one): one is LicencesSection => one.kind === 'licences'),
  )
  const messages = computed(() =>
    data.value?.sections.find((one): one is MessagesSection => one.kind === 'messages'),
  )

  /** Load, unless the same person's page was loaded a moment ago. */
  async function show(force = false): Promise<void> {
    const real = (session.level.value ?? 0) >= 3
    for (const one of [waiting, found]) void (real ? one.load() : one.reset())
    await page.show(force)
  }

  /** Ask one system again, leaving the others as they are. */
  async function retry(code: string): Promise<void> {
    if (retrying.value.includes(code)) return
    retrying.value = [...retrying.value, code]
    try {
      const section = await api.get<Section>(`/citizen/home/sections/${encodeURIComponent(code)}`)
      if (data.value) {
        const sections = data.value.sections.map((one) => (one.code === code ? section : one))
        data.value = { ...data.value, sections }
      }
    } catch {
      // The section keeps its words and its button: the next press asks again.
    } finally {
      retrying.value = retrying.value.filter((one) => one !== code)
    }
  }

  return { data, problem, loading, accounts, shown, locked, absent, licences, messages, cases, benefits, recalled, retrying, show, retry }
}

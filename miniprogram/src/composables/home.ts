import { computed, ref } from 'vue'
import { api } from '@/api/client'
import type { WaitingCases } from '@/api/caseTypes'
import type { Benefit } from '@/api/policyTypes'
import type { AccountSection, Home, LicencesSection, MessagesSection, Section } from '@/api/types'
import { useSession } from '@/stores/session'
import { usePersonalLoad } from './load'

const NEW_ENOUGH_MS = 60_000

/** What the home page shows of the person: to-do, sections, each of which may be asked for again. */
export function useHome() {
  const session = useSession()
  const retrying = ref<string[]>([])
  let loadedAt = 0
  let loadedFor = ''

  const { data, problem, loading, load } = usePersonalLoad(() => api.get<Home>('/citizen/home'))
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
  async function loadFor(person: string, force = false): Promise<void> {
    if (person !== loadedFor) data.value = waiting.data.value = found.data.value = null
    if ((session.level.value ?? 0) >= 3) {
      void waiting.load()
      void found.load()
    }
    if (!force && person === loadedFor && Date.now() - loadedAt < NEW_ENOUGH_MS && !problem.value) return
    loadedFor = person
    await load()
    loadedAt = Date.now()
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

  return { data, problem, loading, accounts, shown, locked, absent, licences, messages, cases, benefits, retrying, loadFor, reload: load, retry }
}

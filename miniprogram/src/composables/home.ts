import { computed, ref } from 'vue'
import { api } from '@/api/client'
import type { AccountSection, Home, LicencesSection, MessagesSection, Section } from '@/api/types'
import { usePersonalLoad } from './load'

const NEW_ENOUGH_MS = 60_000

/** What the home page shows of the person: to-do, sections, each of which may be asked for again. */
export function useHome() {
  const retrying = ref<string[]>([])
  let loadedAt = 0
  let loadedFor = ''

  const { data, problem, loading, load } = usePersonalLoad(() => api.get<Home>('/citizen/home'))

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
    if (person !== loadedFor) data.value = null
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

  return { data, problem, loading, accounts, shown, locked, absent, licences, messages, retrying, loadFor, reload: load, retry }
}

import { reactive } from 'vue'
import { api } from '@/api/client'
import type { RegionWithPath } from '@/api/types'

/** Whole names of places by their code, asked for once: “广东省广州市天河区”. */
const names = reactive<Record<string, string>>({})

/** The name as soon as it is known; empty until then, the code itself where nobody knows it. */
export function placeName(code: string): string {
  if (!/^\d{6}$/.test(code)) return ''
  if (!(code in names)) {
    names[code] = ''
    void ask(code)
  }
  return names[code]
}

async function ask(code: string): Promise<void> {
  try {
    const found = await api.get<RegionWithPath>(`/public/regions/${code}`, undefined, { anonymous: true })
    names[code] = [...found.path.map((one) => one.name).filter((one) => one !== found.name), found.name].join('')
  } catch {
    names[code] = code
  }
}

import type { CodeName, Region } from '@/api/types'

const COUNTY = 3

/** Services are told apart down to the county; streets are not offered for choosing. */
export function opensFurther(region: Region): boolean {
  return region.has_children && region.level < COUNTY
}

/** “广东省（全省）”, “广州市（全市）”, for choosing a place as a whole. */
export function wholeName(region: CodeName): string {
  const last = region.name.slice(-1)
  if (last === '省' || last === '市' || last === '县' || last === '区') {
    return region.name.endsWith('自治区') ? `${region.name}（全区）` : `${region.name}（全${last}）`
  }
  return `${region.name}（全部）`
}

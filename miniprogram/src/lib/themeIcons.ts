import { shapes } from '@/icons/data'

const BY_WORD: [RegExp, string][] = [
  [/婚|生育|收养|新生/, 'baby'],
  [/教育|培训|入学/, 'graduation-cap'],
  [/公积金/, 'piggy-bank'],
  [/住房|房|不动产/, 'house'],
  [/医疗|卫生|医保|健康/, 'stethoscope'],
  [/劳动|就业|人才|社保卡/, 'briefcase'],
  [/执业|职业|资格/, 'badge-check'],
  [/社会保障|社保|养老|保险/, 'umbrella'],
  [/交通|车|驾驶/, 'car'],
  [/旅游|文化|体育/, 'plane'],
  [/出境|入境|出入境/, 'globe'],
  [/户籍|户口|身份|公安/, 'id-card'],
  [/民族|宗教/, 'landmark'],
  [/殡葬|死亡/, 'flower-2'],
  [/设立|变更|开办|登记/, 'store'],
  [/准营|许可|行业/, 'badge-check'],
  [/投资|立项|项目/, 'chart-no-axes-column-increasing'],
  [/工程|建设|规划/, 'hammer'],
  [/纳税|缴费|税/, 'receipt'],
  [/安全|生产/, 'factory'],
  [/破产|注销|清算/, 'circle-x'],
  [/司法|公证|法律/, 'scale'],
  [/环保|绿化|农/, 'leaf'],
  [/救助|救济|残疾|优待|抚恤/, 'hand-heart'],
]

/** The icon of a theme: the one that the catalogue names when we have it, else one by its words. */
export function themeIcon(name: string, icon?: string | null): string {
  if (icon && icon in shapes) return icon
  return BY_WORD.find(([words]) => words.test(name))?.[1] ?? 'file-text'
}

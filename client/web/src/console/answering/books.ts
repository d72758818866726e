/** What an expert writes with, in one file that every console fetches once it is signed in, whatever the person does. */
import dutyData from './duties.json'
import lawData from './provisions.json'
import en from './templates/en.json'
import fiSimple from './templates/fi-simple.json'
import fi from './templates/fi.json'
import sv from './templates/sv.json'
import type { DutyData } from './duties'
import type { LawData } from './law'
import type { TemplateFiles } from './templates'

export const LAW = lawData as LawData
export const DUTIES = dutyData as DutyData
export const TEMPLATES: TemplateFiles = { 'fi-simple': fiSimple, fi, sv, en }

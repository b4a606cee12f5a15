import type { Members } from './Story.tsx';

/** Members' names by their ids, for where a field holds an id. */
export const namesOf = (members: Members): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(members).map(([id, { name, reference }]) => [id, name ?? reference ?? id]));

import { lazy, type ComponentType } from 'react';
import { mayDo, type Caller } from '../session/caller.ts';
import { texts } from '../texts.ts';

/** A page of the first level: where it is, and who is offered it. */
type Page = {
  readonly path: string;
  readonly name: string;
  readonly icon: string;
  readonly isFor: (caller: Caller) => boolean;
};

/** In the order in which they are offered; the first one that somebody may see is his first page. */
const all: readonly Page[] = [
  {
    path: '/promises',
    name: texts.pages.promises,
    icon: 'M5 12.5l4.5 4.5L19 7',
    isFor: (c) => mayDo(c, 'lead', 'audit'),
  },
  {
    path: '/today',
    name: texts.pages.today,
    icon: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
    isFor: (c) => mayDo(c, 'read', 'lead', 'audit'),
  },
  {
    path: '/customers',
    name: texts.pages.customers,
    icon: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 20c1-4 4-5.500 8-5.500s7 1.500 8 5.500',
    isFor: (c) => mayDo(c, 'read', 'lead', 'audit'),
  },
  {
    path: '/replay',
    name: texts.pages.replay,
    icon: 'M4 12a8 8 0 108-8 8 8 0 00-6 2.700M4 3v4.500h4.500M12 8v4.500l3 2',
    isFor: (c) => mayDo(c, 'audit'),
  },
];

export const pagesOf = (caller: Caller): readonly Page[] => all.filter((page) => page.isFor(caller));

/** Each page comes when it is opened. */
const page = <T extends string>(load: () => Promise<Record<T, ComponentType>>, name: T) =>
  lazy(async () => ({ default: (await load())[name] }));

export const PromisesKept = page(() => import('../promisesKept/PromisesKept.tsx'), 'PromisesKept');
export const Behind = page(() => import('../promisesKept/Behind.tsx'), 'Behind');
export const Customers = page(() => import('../customers/Customers.tsx'), 'Customers');
export const Customer = page(() => import('../customers/Customer.tsx'), 'Customer');
export const PromisePage = page(() => import('../promises/PromisePage.tsx'), 'PromisePage');
export const Today = page(() => import('../today/Today.tsx'), 'Today');
export const Replay = page(() => import('../replay/Replay.tsx'), 'Replay');
export const ProofPage = page(() => import('../proof/ProofPage.tsx'), 'ProofPage');

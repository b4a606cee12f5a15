import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const name = 'crmledger.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

const chosen = (): Theme | null => {
  const theme = localStorage.getItem(name);
  return theme === 'light' || theme === 'dark' ? theme : null;
};

/** The reader's choice, or what his system prefers. */
export const currentTheme = (): Theme => chosen() ?? (dark.matches ? 'dark' : 'light');

export function applyTheme(): void {
  const theme = chosen();
  if (theme === null) delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  for (const listener of listeners) listener();
}

/** Turns light into dark and back, and forgets the choice where it is what the system prefers anyway. */
export function turnTheme(): void {
  const theme = currentTheme() === 'dark' ? 'light' : 'dark';
  if ((theme === 'dark') === dark.matches) localStorage.removeItem(name);
  else localStorage.setItem(name, theme);
  applyTheme();
}

dark.addEventListener('change', applyTheme);

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentTheme);
}

/** What a colour of styles.css is at this moment, for what is drawn and not styled: `colourOf('--good')`. */
export function colourOf(variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

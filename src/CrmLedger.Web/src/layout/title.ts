import { useEffect } from 'react';
import { texts } from '../texts.ts';

/** The window is called like the page in it, which is what its first heading says; nothing of it stays afterwards. */
export function useTitle(): void {
  useEffect(() => {
    const page = document.getElementById('page')!;
    const tell = () => {
      const heading = page.querySelector('h1')?.textContent.trim();
      document.title = heading ? `${heading} · ${texts.product}` : texts.product;
    };
    tell();
    const changes = new MutationObserver(tell); // headings come, and change, with the answers
    changes.observe(page, { childList: true, characterData: true, subtree: true });
    return () => {
      changes.disconnect();
      document.title = texts.product;
    };
  }, []);
}

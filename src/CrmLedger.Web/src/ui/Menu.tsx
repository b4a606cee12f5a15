import { useId, useRef, type KeyboardEvent } from 'react';
import './menu.css';

/** A button with what else can be done behind it. */
export function Menu<T extends string>({
  label,
  icon,
  options,
  choose,
}: {
  label: string;
  icon: string;
  options: readonly (readonly [T, string])[];
  choose: (value: T) => void;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const items = () => [...(list.current?.querySelectorAll('button') ?? [])];

  function open() {
    const [place, menu] = [button.current?.getBoundingClientRect(), list.current];
    if (!place || !menu) return;
    menu.showPopover();
    const below = place.bottom + 4;
    const top = below + menu.offsetHeight > window.innerHeight ? place.top - menu.offsetHeight - 4 : below;
    menu.style.top = `${Math.max(8, top)}px`;
    menu.style.left = `${Math.max(8, place.right - menu.offsetWidth)}px`;
    items()[0]?.focus();
  }

  function close() {
    list.current?.hidePopover();
    button.current?.focus();
  }

  function press(event: KeyboardEvent) {
    const all = items();
    const at = all.findIndex((item) => item === document.activeElement);
    const go = (to: number) => {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    };
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(all.length - 1);
    else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className="button small menu-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-controls={id}
        title={label}
        onClick={open}
      >
        {icon}
      </button>
      <div ref={list} id={id} className="menu" role="menu" aria-label={label} popover="auto" onKeyDown={press}>
        {options.map(([value, text]) => (
          <button
            key={value}
            type="button"
            role="menuitem"
            tabIndex={-1}
            onClick={() => {
              close();
              choose(value);
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </>
  );
}

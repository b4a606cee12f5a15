import { texts } from '../texts.ts';
import { type Bytes, toHex } from './bytes.ts';
import type { Climb } from './merkle.ts';

const words = texts.proof;
const [width, rise, top] = [320, 46, 34];
const places = { left: 62, middle: 160, right: 258 } as const;

/** The way up the tree, the leaf at the bottom: at each level the hash beside, and above what both together are. */
export function PathPicture({ leaf, climbed }: { leaf: Bytes; climbed: readonly Climb[] }) {
  const height = top + climbed.length * rise + 34;
  const heightOf = (level: number) => height - 34 - level * rise;
  const count = String(climbed.length);
  return (
    <figure className="path">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words.picture(count)}>
        {climbed.map(({ side }, level) => (
          <path
            key={level}
            className="edge"
            d={`M${places.middle} ${heightOf(level)}V${heightOf(level + 1)}L${places[side]} ${heightOf(level)}`}
          />
        ))}
        {climbed.map(({ sibling, side }, level) => (
          <Box key={level} x={places[side]} y={heightOf(level)} hash={sibling} kind="beside" />
        ))}
        {[leaf, ...climbed.map(({ node }) => node)].map((node, level) => (
          <Box
            key={level}
            x={places.middle}
            y={heightOf(level)}
            hash={node}
            kind={level === climbed.length ? 'root' : 'own'}
          />
        ))}
        <Name y={heightOf(climbed.length) - 17} text={words.pictureRoot} />
        <Name y={heightOf(0) + 26} text={words.pictureLeaf} />
      </svg>
      <details>
        <summary>{words.hashes}</summary>
        <ol className="hashes">
          <li>
            <span>{words.pictureLeaf}</span> <code>{toHex(leaf)}</code>
          </li>
          {climbed.map(({ sibling, side, node }, level) => (
            <li key={level}>
              <span>{`${level + 1}, ${words.beside[side]}`}</span> <code>{toHex(sibling)}</code>
              {level === climbed.length - 1 && (
                <>
                  <br />
                  <span>{words.pictureRoot}</span> <code>{toHex(node)}</code>
                </>
              )}
            </li>
          ))}
        </ol>
      </details>
    </figure>
  );
}

function Name({ y, text }: { y: number; text: string }) {
  return (
    <text className="name" x={places.middle} y={y} textAnchor="middle">
      {text}
    </text>
  );
}

function Box({ x, y, hash, kind }: { x: number; y: number; hash: Bytes; kind: 'own' | 'beside' | 'root' }) {
  return (
    <g className={`box ${kind}`}>
      <rect x={x - 41} y={y - 12} width="82" height="24" rx="6" />
      <text x={x} y={y + 4} textAnchor="middle">
        {toHex(hash).slice(0, 8)}
      </text>
    </g>
  );
}

export function Replay() { return <h1>Replay</h1>; }

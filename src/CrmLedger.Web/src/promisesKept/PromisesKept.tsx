export function PromisesKept() { return <h1>PromisesKept</h1>; }

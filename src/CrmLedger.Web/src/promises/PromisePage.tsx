export function PromisePage() { return <h1>PromisePage</h1>; }

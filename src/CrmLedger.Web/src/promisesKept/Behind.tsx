export function Behind() { return <h1>Behind</h1>; }

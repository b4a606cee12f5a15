export function ProofPage() { return <h1>ProofPage</h1>; }

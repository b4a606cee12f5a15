export function Customer() { return <h1>Customer</h1>; }

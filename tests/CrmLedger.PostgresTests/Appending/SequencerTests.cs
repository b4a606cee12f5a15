namespace CrmLedger.PostgresTests.Appending;

// What every IEventLog must do, done by the sequencer. Another one is put under the same tests by classes like these,
// each with a TestStore that opens it.

public sealed class SequencerAppendTests(TestStore store) : AppendTests(store), IClassFixture<TestStore>;

public sealed class SequencerConcurrentAppendTests(TestStore store)
    : ConcurrentAppendTests(store), IClassFixture<TestStore>;

public sealed class SequencerBrokenConnectionTests(TestStore store)
    : BrokenConnectionTests(store), IClassFixture<TestStore>;

public sealed class SequencerDeadConnectionTests(TestStore store)
    : DeadConnectionTests(store), IClassFixture<TestStore>;

public sealed class SequencerStoredTextTests(TestStore store) : StoredTextTests(store), IClassFixture<TestStore>;

public import HTTPEdge
public import Store

/// What of events is on its way into the database.
public struct StoreMetrics: MetricsSource {
    private let store: Store
    public init(store: Store) { self.store = store }

    public func write(to page: inout MetricsPage) async {
        page.add(
            "sightline_event_writes_waiting", .gauge,
            "What streams have to say of events and is not being stored yet", store.waitingEventWrites)
        page.add(
            "sightline_event_writes_spooled", .gauge,
            "What was kept of events on disk while the database took nothing, and is not in it",
            store.spooledEventWrites - store.eventWritesInMemory)
        page.add(
            "sightline_event_writes_in_memory", .gauge,
            "What neither the database nor the disk takes of events: told to nobody, and lost if the daemon is killed",
            store.eventWritesInMemory)
        page.add(
            "sightline_event_writes_held_up", .gauge,
            "What streams have to say of events and nothing takes, so that they wait", store.heldUpEventWrites)
        page.add(
            "sightline_event_writes_lost_total", .counter,
            "What nothing took of events before their stream or the daemon ended", store.lostEventWrites)
        page.add(
            "sightline_event_pictures_dropped_total", .counter,
            "Pictures that events are stored without for lack of room", store.droppedPictures)
        page.add(
            "sightline_events_deleted_total", .counter, "Events that the retention has deleted",
            store.deletedEventCount)
        page.add(
            "sightline_database_damaged", .gauge, "Whether damage was found in the database",
            store.isDamaged ? 1 : 0)
        if let totals = try? await store.objectTotals() {
            page.add("sightline_objects", .gauge, "Images, objects and samples that are stored", totals.count)
            page.add("sightline_objects_bytes", .gauge, "Their bytes", totals.bytes)
        }
        let descriptors = store.descriptorsInMemory
        page.add("sightline_matching_faces", .gauge, "Faces that can be matched, in memory", descriptors.faces)
        page.add(
            "sightline_matching_events", .gauge, "Events that can be matched, in memory", descriptors.events)
        page.add("sightline_matching_bytes", .gauge, "The memory that they take", descriptors.bytes)
        let room = store.roomLeft
        page.add("sightline_disk_room_bytes", .gauge, "What the disk of the data directory takes", room.room)
        page.add("sightline_disk_free_bytes", .gauge, "How much of that files can have", room.free)
        page.add("sightline_disk_reserve_bytes", .gauge, "How much of that is to stay free", room.reserve)
    }
}

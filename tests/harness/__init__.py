"""What tests share: people and their chats, the real bot in a process or in ours, made photos, peers, attacks."""

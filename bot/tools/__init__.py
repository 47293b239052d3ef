"""Tools: one file a tool, one line on the shelf. A photo comes in, pixels are worked on, a new file goes out."""

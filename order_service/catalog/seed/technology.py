"""Vocabulary of the seed's four technical departments; read by seed/catalogue.py."""

from typing import Final

from order_service.catalog.seed.kinds import Department, Kind

COLOURS: Final = ("Black", "White", "Grey", "Blue")
LENGTHS: Final = ("0.5 m", "1 m", "2 m", "3 m", "5 m")

CABLES: Final = Department(
    "CAB",
    "Cables & Chargers",
    (
        Kind(
            "HDMI cables", "HDMI Cable", ("Voltara", "Linkwell", "Norrvik"), ("Pure", "Stream", "Ultra", "Slim"),
            ("4K", "8K", "High Speed", "Braided"),
            {"length": LENGTHS, "version": ("2.0", "2.1"), "gold_plated": (True, False)}, (699, 3999),
            "Carries picture and sound from console, player or laptop to the television without loss.", "length",
        ),
        Kind(
            "USB cables", "USB-C Cable", ("Voltara", "Linkwell", "Kabelo"), ("Flex", "Charge", "Sync", "Duo"),
            ("Braided", "Fast Charging", "Right-Angle", "Magnetic"),
            {"length": LENGTHS, "connector": ("USB-C", "USB-A", "Lightning"), "watts": (60, 100, 240)}, (499, 2999),
            "Charges phones, tablets and laptops and moves files at full speed.", "length",
        ),
        Kind(
            "Chargers", "USB-C Charger", ("Voltara", "Ampère & Co", "Kabelo"), ("Nano", "Cube", "Travel", "Desk"),
            ("GaN", "Fast", "Dual Port", "Foldable"),
            {"watts": (20, 30, 45, 65, 100), "ports": (1, 2, 3), "colour": COLOURS}, (1499, 7999),
            "A small wall charger with USB Power Delivery for phone, tablet and laptop.", "colour",
        ),
        Kind(
            "Network cables", "Ethernet Cable", ("Linkwell", "Norrvik", "Patchline"), ("Core", "Run", "Rack", "Flat"),
            ("Cat 6", "Cat 6a", "Cat 7", "Cat 8"),
            {"length": LENGTHS, "shielded": (True, False), "colour": COLOURS}, (399, 2499),
            "A patch cable for router, switch and computer with snag-free plugs.", "length",
        ),
        Kind(
            "Power banks", "Power Bank", ("Voltara", "Ampère & Co", "Trekvolt"), ("Pocket", "Summit", "Slim", "Max"),
            ("10,000 mAh", "20,000 mAh", "Wireless", "Solar"),
            {"ports": (1, 2, 3), "watts": (15, 22.5, 45), "colour": COLOURS}, (1999, 8999),
            "Keeps phones going for days away from a socket.", "colour",
        ),
    ),
)  # fmt: skip
COMPUTING: Final = Department(
    "COM",
    "Computers",
    (
        Kind(
            "Laptops", "Laptop", ("Orbis", "Nimbus", "Tessera"), ("Aero", "Studio", "Work", "Go"),
            ("13-inch", "14-inch", "15-inch", "16-inch"),
            {"memory_gb": (8, 16, 32), "storage_gb": (256, 512, 1024), "colour": ("Silver", "Graphite")},
            (49900, 219900), "A light notebook with a bright screen and a battery for the whole working day.",
            "memory_gb",
        ),
        Kind(
            "Monitors", "Monitor", ("Vistaro", "Orbis", "Clarion Works"), ("View", "Canvas", "Edge", "Pro"),
            ("24-inch", "27-inch 4K", "32-inch", "34-inch Curved"),
            {"refresh_hz": (60, 75, 144, 165), "panel": ("IPS", "VA", "OLED"), "usb_c": (True, False)},
            (12900, 89900), "A sharp display with a stand that tilts, turns and rises.",
        ),
        Kind(
            "Keyboards", "Keyboard", ("Tessera", "Keyforge", "Orbis"), ("Type", "Click", "Quiet", "Compact"),
            ("Mechanical", "Wireless", "Ergonomic", "Low-Profile"),
            {"layout": ("US", "UK", "DE"), "switches": ("red", "brown", "blue"), "backlit": (True, False)},
            (2999, 17999), "Comfortable keys for long days of writing or play.", "layout",
        ),
        Kind(
            "Mice", "Mouse", ("Keyforge", "Nimbus", "Tessera"), ("Glide", "Dart", "Palm", "Orbit"),
            ("Wireless", "Vertical", "Gaming", "Silent"),
            {"dpi": (1600, 4000, 16000), "buttons": (3, 5, 8), "colour": COLOURS}, (1499, 8999),
            "A precise mouse that fits the hand and wakes at once.", "colour",
        ),
        Kind(
            "Storage", "Portable SSD", ("Nimbus", "Vaultline", "Orbis"), ("Shuttle", "Brick", "Card", "Armor"),
            ("USB 3.2", "Thunderbolt", "Rugged", "Encrypted"),
            {"capacity_gb": (500, 1000, 2000, 4000), "read_mb_s": (1050, 2000, 2800)}, (5999, 39999),
            "Fast pocket storage for photos, projects and backups.", "capacity_gb",
        ),
    ),
)  # fmt: skip
AUDIO: Final = Department(
    "AUD",
    "Audio & Video",
    (
        Kind(
            "Headphones", "Headphones", ("Sonora", "Hallmark Audio", "Bluebird"), ("Calm", "Stage", "Air", "Studio"),
            ("Noise Cancelling", "Wireless", "Over-Ear", "On-Ear"),
            {"battery_hours": (20, 30, 50), "bluetooth": ("5.2", "5.3"), "colour": COLOURS}, (3999, 34999),
            "Clear sound and soft cushions for hours of listening.", "colour",
        ),
        Kind(
            "Earbuds", "Earbuds", ("Sonora", "Bluebird", "Pebble Sound"), ("Bean", "Drop", "Run", "Mini"),
            ("True Wireless", "Sport", "Noise Cancelling", "Open-Ear"),
            {"battery_hours": (5, 7, 9), "water_resistant": (True, False), "colour": COLOURS}, (2499, 19999),
            "Small earphones with a charging case for commute and training.", "colour",
        ),
        Kind(
            "Speakers", "Bluetooth Speaker", ("Hallmark Audio", "Sonora", "Cabin"), ("Boom", "Stone", "Room", "Tide"),
            ("Portable", "Waterproof", "Stereo", "Party"),
            {"watts": (10, 20, 40, 80), "battery_hours": (8, 12, 24), "colour": COLOURS}, (2999, 29999),
            "Room-filling sound that goes where you go.", "colour",
        ),
        Kind(
            "Televisions", "Television", ("Vistaro", "Clarion Works", "Lumen"), ("Scene", "Gallery", "Home", "Prime"),
            ("43-inch LED", "50-inch 4K", "55-inch QLED", "65-inch OLED"),
            {"refresh_hz": (50, 60, 120), "hdmi_ports": (2, 3, 4), "smart": (True,)}, (29900, 249900),
            "A large smart screen with deep contrast for films, sport and games.",
        ),
        Kind(
            "Streaming", "Media Player", ("Lumen", "Pebble Sound", "Vistaro"), ("Stick", "Box", "Cast", "Hub"),
            ("4K", "Full HD", "Voice Remote", "HDR"),
            {"storage_gb": (8, 16, 32), "ethernet": (True, False)}, (2999, 17999),
            "Brings streaming services to any television with an HDMI socket.",
        ),
    ),
)  # fmt: skip
HOME_TECH: Final = Department(
    "SMT",
    "Smart Home & Phones",
    (
        Kind(
            "Smartphones", "Smartphone", ("Orbis", "Pebble", "Quanta"), ("One", "Lite", "Pro", "Max"),
            ("5G", "Dual SIM", "Compact", "Large-Screen"),
            {"storage_gb": (128, 256, 512), "colour": COLOURS, "screen_inches": (6.1, 6.5, 6.7)}, (19900, 129900),
            "A quick phone with a camera that sees in the dark.", "storage_gb",
        ),
        Kind(
            "Phone cases", "Phone Case", ("Shellwright", "Kabelo", "Pebble"), ("Clear", "Grip", "Wallet", "Armor"),
            ("Shockproof", "Slim", "Magnetic", "Leather"),
            {"colour": COLOURS, "fits": ("Orbis One", "Pebble Pro", "Quanta Max")}, (999, 4999),
            "Guards the phone against falls and scratches.", "colour",
        ),
        Kind(
            "Lighting", "Smart Bulb", ("Lumen", "Hearthly", "Glowe"), ("Warm", "Spectrum", "Classic", "Mood"),
            ("Dimmable", "Colour", "Filament", "Candle"),
            {"socket": ("E27", "E14", "GU10"), "lumens": (470, 806, 1100)}, (799, 3999),
            "A lamp to be dimmed and timed from phone or voice assistant.", "socket",
        ),
        Kind(
            "Security", "Security Camera", ("Hearthly", "Vaultline", "Watchpost"), ("Door", "Garden", "Room", "Guard"),
            ("Outdoor", "Indoor", "Battery", "Floodlight"),
            {"resolution": ("1080p", "2K", "4K"), "night_vision": (True, False)}, (3999, 24999),
            "Sees who is there and tells your phone.",
        ),
        Kind(
            "Smartwatches", "Smartwatch", ("Quanta", "Pebble", "Trekvolt"), ("Pulse", "Trail", "Slim", "Fit"),
            ("GPS", "Always-On", "Rugged", "Hybrid"),
            {"case_mm": (40, 42, 45), "battery_days": (2, 7, 14), "colour": COLOURS}, (7999, 44999),
            "Counts steps, sleep and heartbeat and shows what matters.", "colour",
        ),
    ),
)  # fmt: skip

DEPARTMENTS: Final = (CABLES, COMPUTING, AUDIO, HOME_TECH)
